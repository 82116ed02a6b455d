// Before a page's own scripts: notes what the browser itself says of frames, tasks and interactions.
(() => {
  const [events, tasks, frames] = [[], [], []];
  const note = (type, into, more) => new PerformanceObserver((list) => {
    into.push(...list.getEntries().map(({ duration, interactionId }) => ({ duration, interactionId })));
  }).observe({ type, buffered: true, ...more });
  note('event', events, { durationThreshold: 16 });
  note('longtask', tasks);
  if (PerformanceObserver.supportedEntryTypes.includes('long-animation-frame')) note('long-animation-frame', frames);

  const durations = (entries) => entries.map(({ duration }) => duration);

  /** Resolved once frames have come at leisure for a while: what an action set going is over, and has been noted. */
  const quiet = () => new Promise((resolve) => {
    let last = performance.now();
    let since = last;
    const look = () => {
      const now = performance.now();
      if (now - last > 40) since = now;
      last = now;
      if (now - since > 250) resolve(); else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });

  const isOurs = ({ name }) => name.endsWith('.js') && !name.endsWith('/plotly.min.js');

  /** How the page stands: see Loaded in bench/pages/tab.py. */
  function loaded() {
    const scripts = performance.getEntriesByType('resource').filter(isOurs);
    return {
      ready: performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
      painted: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null,
      scripts: scripts.length,
      bytes: scripts.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
      charts: document.querySelectorAll('.main-svg').length,
    };
  }

  window.benchSeen = {
    quiet, loaded,
    forget() { for (const some of [events, tasks, frames]) some.length = 0; },
    interactions: () => durations(events.filter(({ interactionId }) => interactionId)),
    costs: () => [durations(tasks), durations(frames)],
  };
})();
