// The page of one session: live while it runs.

/** @param {HTMLElement} main */
export function start(main) {
  main.dataset.started = '';
}
