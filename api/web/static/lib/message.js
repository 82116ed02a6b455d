// A message about what was done, for the next page that is opened in this tab.

const NAME = 'message';

/** @param {string} text */
export const leaveMessage = (text) => sessionStorage.setItem(NAME, text);

/** Return the message that the page before left, once. */
export function takeMessage() {
  const text = sessionStorage.getItem(NAME);
  sessionStorage.removeItem(NAME);
  return text;
}
