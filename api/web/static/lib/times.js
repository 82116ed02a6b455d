// Times as the reader's own clock has them; the page itself has UTC.

const SHOWN = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const WITH_ZONE = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit', timeZoneName: 'short' });

export function localTimes(root) {
  for (const time of root.querySelectorAll('time[datetime]')) {
    if (time.title) continue;
    time.title = time.textContent;
    time.textContent = (time.closest('[data-zone]') ? WITH_ZONE : SHOWN).format(new Date(time.dateTime)); // a report travels
  }
}

/** Plotly shows times in UTC: this is the moment (ms since 1970, or ISO 8601) that it shows as the reader's own. */
export function localMs(at) {
  const moment = new Date(at);
  return moment.getTime() - moment.getTimezoneOffset() * 60000;
}
