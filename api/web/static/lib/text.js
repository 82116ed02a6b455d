// Sentences from messages and counts.

/**
 * Capitalise the first letter. The rest stays, because messages contain names.
 * @param {string} text
 */
export const capitalised = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/**
 * Make a sentence of a message of the API.
 * @param {string | null} text
 */
export const sentence = (text) => (text ? `${capitalised(text)}${/[.?!]$/.test(text) ? '' : '.'}` : '');

/**
 * Return `1 test` or `2 tests`.
 * @param {number} count
 * @param {string} noun
 */
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

/**
 * Return the message of an error.
 * @param {unknown} error
 */
export const errorText = (error) => (error instanceof Error ? error.message : String(error));

/**
 * Join the parts that are not empty.
 * @param {string} separator
 * @param {(string | number | false | null | undefined)[]} parts
 */
export const joinKnown = (separator, ...parts) => parts.filter(Boolean).join(separator);

/**
 * Return the parts of a text that commas separate.
 * @param {string} text
 */
export const listOf = (text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
