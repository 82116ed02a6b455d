// When work is done: once a frame, when the tab is visible, or after a pause. A hidden tab has no frames.

const HIDDEN_FRAME_MS = 200;

/** @param {number} ms */
export const sleep = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/**
 * Return a function that has `draw` called once in the next frame, however often it is called before.
 * @param {() => void} draw
 */
export function oncePerFrame(draw) {
  let isRequested = false;
  return () => {
    if (isRequested) return;
    isRequested = true;
    requestAnimationFrame(() => {
      isRequested = false;
      draw();
    });
  };
}

/**
 * Return a function that calls `act` at once; calls in a hidden tab become a single one when the tab is visible again.
 * @param {() => void} act
 */
export function whenVisible(act) {
  let isDue = false;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || !isDue) return;
    isDue = false;
    act();
  });
  return () => {
    if (document.hidden) isDue = true;
    else act();
  };
}

/** Wait until the browser has shown the last drawing and handled the events that came meanwhile. */
export const nextFrame = () =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, HIDDEN_FRAME_MS);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });
