// Times on the reader's own clock; the server writes them in UTC.

const DATE_AND_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const WITH_ZONE = new Intl.DateTimeFormat(undefined, {
  year: 'numeric',
  month: 'short',
  day: 'numeric',
  hour: 'numeric',
  minute: '2-digit',
  timeZoneName: 'short',
});
const DAY_MS = 86_400_000;
const HOUR_AND_MINUTE = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/**
 * Return hours, minutes and seconds.
 * @param {string | number} time ISO 8601, or milliseconds since 1970.
 */
export const clockTime = (time) => CLOCK.format(new Date(time));

/**
 * Return hours and minutes.
 * @param {string} time ISO 8601.
 */
export const hourAndMinute = (time) => HOUR_AND_MINUTE.format(new Date(time));

/**
 * Return how many days ago a time was, on the reader's own calendar.
 * @param {string} time ISO 8601.
 */
export function daysAgo(time) {
  const midnight = (/** @type {Date} */ date) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(new Date()) - midnight(new Date(time))) / DAY_MS);
  if (days <= 0) return 'today';
  return days === 1 ? 'yesterday' : `${days} days ago`;
}

/**
 * Show all times below `root` on the reader's clock, with the time in UTC as the title.
 * @param {ParentNode} root
 */
export function showLocalTimes(root) {
  for (const time of root.querySelectorAll('time')) {
    if (time.title || !time.dateTime) continue;
    time.title = time.textContent;
    time.textContent = formatOf(time).format(new Date(time.dateTime));
  }
}

/** @param {HTMLTimeElement} time */
function formatOf(time) {
  if (time.dataset.clock !== undefined) return HOUR_AND_MINUTE;
  return time.closest('[data-zone]') ? WITH_ZONE : DATE_AND_TIME; // a report is read in other zones too
}

/**
 * Return the milliseconds that plotly, which shows times in UTC, shows as the reader's time.
 * @param {string | number} time ISO 8601, or milliseconds since 1970.
 */
export function plotlyTime(time) {
  const date = new Date(time);
  return date.getTime() - date.getTimezoneOffset() * 60_000;
}

/**
 * Return the time that plotly means, in milliseconds since 1970: the reverse of plotlyTime.
 * @param {unknown} shown Milliseconds, or a date and time without a zone.
 * @param {number} near A time of about then, whose offset from UTC counts.
 */
export function fromPlotlyTime(shown, near) {
  const time = typeof shown === 'number' ? shown : Date.parse(`${String(shown).replace(' ', 'T')}Z`);
  return time - (plotlyTime(near) - near);
}
