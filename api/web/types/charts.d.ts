/** The data of a chart, as api/web/pages/charts writes it into `data-chart`. */

export type Better = 'lower' | 'higher' | 'neither';
export type Scale = 'linear' | 'log' | 'category' | 'time';
export type X = number | string;
export type Y = number | null;

export interface Axis {
  title: string;
  unit: string;
  scale: Scale;
  better: Better;
  /** Whether all values are whole numbers. */
  whole?: boolean;
  /** Names in place of numbers, by their x. */
  names?: [number, string][];
  /** The format of the tick labels, as d3-format and d3-time-format have it. */
  ticks?: string;
}

export interface Trace {
  name: string;
  /** Null is a gap. */
  x: (X | null)[];
  y: Y[];
  /** The 95 % interval of each y. */
  low?: Y[] | null;
  high?: Y[] | null;
  look: 'line' | 'dots' | 'bars' | 'levels' | 'band';
  /** Shown beside the value of a point. */
  notes?: string[] | null;
  /** Traces of one series share colour and symbol; its own number if null. */
  series?: number | null;
  /** Which points are drawn hollow. */
  hollow?: boolean[] | null;
  legend?: boolean;
  /** Whether y is measured by the axis `y2`. */
  second?: boolean;
}

export interface Mark {
  at: X;
  text: string;
}

export interface Chart {
  title: string;
  x: Axis;
  y: Axis;
  y2?: Axis | null;
  traces: Trace[];
  marks: Mark[];
  from_zero: boolean;
}

/** The headline metric of a test type. */
export interface Headline {
  name: string;
  label: string;
  unit: string;
  better: Better;
}
