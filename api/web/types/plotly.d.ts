/** The part of plotly.js that the pages use. */

export interface PlotlyTrace {
  type: 'scatter';
  /** Names the trace's group in the drawing, by which styles/charts.css colours it. */
  uid: string;
  x: (number | string | null)[];
  y: (number | null)[];
  name?: string;
  /** The number of the series; our own, plotly ignores it. */
  series?: number;
  mode?: string;
  line?: { width?: number; dash?: string };
  visible?: boolean;
  [attribute: string]: unknown;
}

export interface PlotlyLayout {
  width?: number;
  height: number;
  [attribute: string]: unknown;
}

/** An element in which plotly has drawn. */
export interface PlotlyElement extends HTMLElement {
  data?: PlotlyTrace[];
  on?(event: 'plotly_relayout', listener: (changes: Record<string, unknown>) => void): void;
  on?(event: 'plotly_doubleclick', listener: () => void): void;
}

export interface PlotlyLibrary {
  react(element: HTMLElement, traces: PlotlyTrace[], layout: PlotlyLayout, config: object): Promise<unknown>;
  relayout(element: HTMLElement, changes: object): Promise<unknown>;
  restyle(element: HTMLElement, changes: object, traces: number[]): Promise<unknown>;
}

declare global {
  interface Window {
    /** Defined once the library has been evaluated. */
    Plotly?: PlotlyLibrary;
  }
  /** Defined by the page of the API reference. */
  const SwaggerUIBundle: (options: object) => unknown;
}
