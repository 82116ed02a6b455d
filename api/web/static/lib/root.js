// Where Gait is: the address that this script was loaded from, which may be below a path of a proxy.

const ROOT = new URL('../../../', import.meta.url);

/**
 * Return the address of one of Gait's paths.
 * @param {string} path Without a slash at its beginning; empty for the page of the sessions.
 */
export const address = (path) => new URL(path, ROOT).href;

/**
 * Return the address of one of Gait's WebSockets.
 * @param {string} path
 */
export const socketAddress = (path) => address(path).replace(/^http/, 'ws');
