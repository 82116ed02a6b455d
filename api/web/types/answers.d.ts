/** JSON answers of the API, as far as the pages read them; the OpenAPI document describes them in full. */

/** Errors by field, nested like the request; the leaves are sentences or lists of sentences. */
export interface Details {
  [field: string]: string | string[] | Details;
}

export interface ErrorAnswer {
  status: number;
  message: string;
  details?: Details;
}

export interface InstalledModel {
  name: string;
  tags: string[];
  /** Null if its server does not list them. */
  capabilities: string[] | null;
  /** The short digest. */
  version: string;
  /** Bytes. */
  size: number | null;
  /** When its newest completed test on this host ended; ISO 8601 in UTC, null if there is none. */
  lastMeasured: string | null;
}

export interface LoadedModel {
  name: string;
  /** Bytes. */
  size: number | null;
  sizeVram: number | null;
  /** Tokens. */
  context: number | null;
  /** ISO 8601 in UTC. */
  expires: string | null;
}

export interface CurrentSession {
  id: string;
  name: string | null;
  model: string | null;
  testType: string | null;
  /** Percent of the whole session. */
  sessionProgress: number | null;
  /** When it will probably end; ISO 8601 in UTC, null if that is unknown. */
  expectedEnd: string | null;
}

/** A session that waits, with when it will probably end. */
export interface WaitingSession {
  expectedEnd: string | null;
}

export interface Host {
  name: string;
  reachable: boolean;
  reason: string | null;
  advice: string | null;
  version: string | null;
  /** Null if the host is not reachable. */
  loaded: LoadedModel[] | null;
  /** `oldest` is how long the first session has waited, in milliseconds. `first` are at most five. */
  queue: { waiting: number; oldest: number | null; first: WaitingSession[] };
  session: CurrentSession | null;
  /** `age` is in milliseconds, `hz` in readings per second. */
  sampler: { age: number; hz: number | null } | null;
}

/** A session in a list. */
export interface ListedSession {
  name: string | null;
  tags: string[];
  note: string | null;
  pinned: boolean;
  status: string;
  phase: string;
}

export interface TestReference {
  modelName: string;
  testType: string;
}

export interface Estimate {
  /** Milliseconds. */
  low: number;
  high: number;
  efforts: { effort: string; low: number; high: number }[];
  tests: number;
  rough: TestReference[];
  neverMeasured: TestReference[];
}

export type OptionValue = number | string | (number | string)[] | null;

/** The body of `POST /test-sessions` and of `POST /estimates`. */
export interface NewSession {
  models: string[];
  testTypes: string[];
  options?: Record<string, Record<string, OptionValue>>;
  host?: string;
  order?: string;
  effort?: string;
  repeat?: OptionValue;
  name?: string;
  tags?: string[];
}

export interface Submitted {
  sessionId: string;
  sessions: unknown[];
}

export interface SessionAnswer {
  host: string;
  name: string | null;
  tags: string[];
  order: string;
  effort: string | null;
  models: { name: string; tests: { type: string; options: Record<string, OptionValue> }[] }[];
}

/** One channel: `values` if each reading is kept, else `min`, `max` and `mean` of each bucket; null is unknown. */
export interface Channel {
  name: string;
  unit: string;
  /** The index of the GPU; null for a channel of the machine. */
  gpu: number | null;
  values?: (number | null)[];
  min?: (number | null)[];
  max?: (number | null)[];
  mean?: (number | null)[];
}

/** Times are milliseconds since 1970. */
export interface Phase extends TestReference {
  phase: string;
  start: number;
  end: number;
  repetition: number | null;
}

export interface TestSpan extends TestReference {
  start: number;
  /** Null while the test runs. */
  end: number | null;
}

export interface Telemetry {
  host: string;
  /** Readings per second. */
  hz: number | null;
  thinned: boolean;
  /** The length of a bucket in milliseconds; null if each reading is kept. */
  bucket: number | null;
  /** The time of each reading, or the start of each bucket, in milliseconds since 1970. */
  at: number[];
  series: Channel[];
  phases: Phase[];
  tests: TestSpan[];
}
