/** Messages of the WebSockets `/ws/test-progress` and `/ws/hardware`; docs/watching.md describes them. */

/** The conditions of a run, such as `{"promptTokens": 1024}`. */
export type Point = Record<string, number | string>;

/** Metrics by name, in the units of common/catalogue; numbers that are unknown are null. */
export type Metrics = Record<string, unknown>;

export interface SessionState {
  status: 'running' | 'completed' | 'error';
  /** Percent of the whole session. */
  progress: number;
  completedTests: number;
  totalTests: number;
}

export interface ProgressMessage {
  seq: number;
  /** ISO 8601 in UTC. */
  at: string;
  /** `complete` and `error` end a test. */
  type: 'progress' | 'complete' | 'error';
  sessionId: string;
  /** Null in a message about the session as a whole. */
  modelName: string | null;
  testType: string | null;
  /** Percent of the test. */
  progress: number;
  phase: string;
  point: Point | null;
  /** The number of the run at its point, from 1. */
  repetition: number | null;
  session: SessionState;
  metrics?: Metrics;
  error?: string;
  log?: string;
}

/** A message about one test. */
export interface TestMessage extends ProgressMessage {
  modelName: string;
  testType: string;
}

type Known = number | null;

export interface GpuReading {
  index?: number;
  utilization?: Known;
  memoryUsed?: Known;
  memoryTotal?: Known;
  power?: Known;
  temperature?: Known;
  [channel: string]: unknown;
}

/** What a reading measures: shares in percent, memory in bytes, frequencies in MHz, temperatures in °C, power in watts. */
export interface Measurements {
  cpu?: { percent?: Known; perCore?: Known[] | null; frequency?: Known; temperature?: Known } | null;
  memory?: { total?: Known; used?: Known; available?: Known; swapUsed?: Known } | null;
  ollama?: { processes?: Known; cpu?: Known; memory?: Known } | null;
  gpus?: GpuReading[] | null;
}

/** One reading of a machine; `min` and `max` span the readings since the message before. */
export interface Reading extends Measurements {
  seq: number;
  at: string;
  host: string;
  min?: Measurements;
  max?: Measurements;
}
