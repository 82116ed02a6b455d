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
