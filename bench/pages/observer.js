// Runs before the scripts of a page, and records what the browser reports about frames, tasks and interactions.

(() => {
  /** @typedef {{ duration: number, interactionId?: number }} Entry Milliseconds. */
  /** @type {Record<'event' | 'longtask' | 'long-animation-frame', Entry[]>} */
  const entries = { event: [], longtask: [], 'long-animation-frame': [] };
  const BUSY_MS = 40;
  const IDLE_MS = 250;

  /** @type {(type: keyof typeof entries, options?: object) => void} */
  const record = (type, options) => {
    const observer = new PerformanceObserver((list) => entries[type].push(...list.getEntries()));
    observer.observe({ type, buffered: true, ...options });
  };
  record('event', { durationThreshold: 16 });
  record('longtask');
  if (PerformanceObserver.supportedEntryTypes.includes('long-animation-frame')) record('long-animation-frame');

  /** Wait until frames have come without delay for a while: the work that an action started is done and recorded. */
  const idle = () =>
    new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      let last = performance.now();
      let since = last;
      const look = () => {
        const now = performance.now();
        if (now - last > BUSY_MS) since = now;
        last = now;
        if (now - since > IDLE_MS) resolve();
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });

  /** Return the state of the page: see Loaded in bench/pages/tab.py. */
  function loaded() {
    const [navigation] = performance.getEntriesByType('navigation');
    const resources = performance
      .getEntriesByType('resource')
      .filter((entry) => entry instanceof PerformanceResourceTiming);
    const scripts = resources.filter(({ name }) => name.endsWith('.js') && !name.endsWith('/plotly.min.js'));
    return {
      ready: navigation instanceof PerformanceNavigationTiming ? navigation.domContentLoadedEventEnd : null,
      painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
      scripts: scripts.length,
      bytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      charts: document.querySelectorAll('.main-svg').length,
    };
  }

  /** @type {(some: Entry[]) => number[]} */
  const durations = (some) => some.map(({ duration }) => duration);

  Object.assign(window, {
    benchSeen: {
      idle,
      loaded,
      forget() {
        for (const some of Object.values(entries)) some.length = 0;
      },
      interactions: () => durations(entries.event.filter(({ interactionId }) => interactionId)),
      costs: () => [durations(entries.longtask), durations(entries['long-animation-frame'])],
    },
  });
})();
