/** The data of the chart of runs that end while the page is open. */

export type Better = 'lower' | 'higher' | 'neither';

export interface Trace {
  name: string;
  /** Times as plotly has them, one for each run. */
  x: number[];
  y: number[];
  /** Shown beside the value of a run. */
  notes: string[];
  /** Traces of one series share colour and symbol; its own number if not given. */
  series?: number;
}

export interface Chart {
  y: Headline;
  traces: Trace[];
}

/** The headline metric of a test type. */
export interface Headline {
  name: string;
  label: string;
  unit: string;
  better: Better;
}
