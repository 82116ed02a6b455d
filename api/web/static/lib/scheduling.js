// At most one drawing a frame, whatever comes in; none in a hidden tab, where the browser gives no frames.

/** A function that has `draw` called in the next frame, once, however often it is called before. */
export function onceAFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; draw(); });
  };
}

/** A function that has `act` called at once, or in a hidden tab when somebody looks again, once however often it was called. */
export function whenSeen(act) {
  let waits = false;
  document.addEventListener('visibilitychange', () => {
    if (document.hidden || !waits) return;
    waits = false;
    act();
  });
  return () => { if (document.hidden) waits = true; else act(); };
}

/** When what has been drawn is to be seen, and what came meanwhile is answered. A hidden tab has no frames. */
export const aFrame = () => new Promise((resolve) => {
  const soon = setTimeout(resolve, 200);
  requestAnimationFrame(() => { clearTimeout(soon); setTimeout(resolve); });
});
