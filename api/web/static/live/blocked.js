// Why no WebSocket opens although Gait answers. A browser does not say it, but the answer to a plain request does.

import { answerOf } from '../lib/api.js';

const UPGRADE_REQUIRED = 426; // the answer to a plain request if a WebSocket would be accepted
const REFUSALS = [429, 503];
const UPGRADE_LINES = [
  'proxy_http_version 1.1;',
  'proxy_set_header Upgrade $http_upgrade;',
  'proxy_set_header Connection "upgrade";',
];
const HOST_LINE = 'proxy_set_header Host $http_host;';
const BLOCKED =
  'WebSockets are blocked, so this page is not updated. A proxy or firewall between this browser and Gait does not ' +
  'pass them on. nginx needs these lines in its location:';

/**
 * @typedef {object} Reason
 * @property {string} text
 * @property {string[]} lines Of the proxy's configuration.
 */

/**
 * Return why a path has no WebSocket, or null if Gait does not answer at all.
 * @param {string} path Below `/api/v1`.
 * @returns {Promise<Reason | null>}
 */
export async function reasonOf(path) {
  const answer = await answerOf(`api/v1${path}`);
  if (answer === null) return null;
  const { message, details } = answer.body;
  if (REFUSALS.includes(answer.status)) return { text: message, lines: [] };
  if (answer.status !== UPGRADE_REQUIRED) return null;
  const isHostKept = details?.host === location.host;
  return { text: BLOCKED, lines: isHostKept ? UPGRADE_LINES : [...UPGRADE_LINES, HOST_LINE] };
}
