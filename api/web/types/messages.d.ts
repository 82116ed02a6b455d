/** Messages of the WebSockets `/ws/test-progress` and `/ws/hardware`; docs/watching.md describes them. */

/** The conditions of a run, such as `{"promptTokens": 1024}`. */
export type Point = Record<string, number | string>;

/** Metrics by name, in the units of common/catalogue; numbers that are unknown are null. */
export type Metrics = Record<string, unknown>;

export interface SessionState {
  status: 'running' | 'completed' | 'error';
  /** Percent of the whole session. */
  progress: number;
  /** Tests that have ended, whether or not they failed. */
  completedTests: number;
  /** Absent from workers of an earlier release. */
  failedTests?: number;
  totalTests: number;
}

export interface ProgressMessage {
  seq: number;
  /** ISO 8601 in UTC. */
  at: string;
  /** `complete` and `error` end a test. */
  type: 'progress' | 'complete' | 'error';
  sessionId: string;
  /** Empty in a message about the session as a whole, like the test type. */
  modelName: string;
  testType: string;
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
  /** What a waiting session waits for, or that a session ended long ago. */
  message?: string;
}

/** A message about one test, so that its names are not empty. */
export type TestMessage = ProgressMessage;

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
