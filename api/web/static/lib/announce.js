// Short messages for screen readers, about changes away from the focus.

import { find } from './dom.js';

/** @param {string} text */
export const announce = (text) => {
  find('#announcements', HTMLElement).textContent = text;
};
