// How much longer a session takes, if the rest goes at the pace of what was seen.

const LEAST_MS = 20000;
const LEAST_PROGRESS = 3;

/** By the messages' own clock. `left` is a sentence, or nothing while too little was seen to tell. */
export function paceOf() {
  let first = null;
  let last = null;

  function add(message) {
    if (message.phase === 'queued' || !message.modelName) return;
    last = { at: Date.parse(message.at), progress: message.session.progress };
    first ??= last;
  }

  function left() {
    if (!first) return '';
    const [took, done] = [last.at - first.at, last.progress - first.progress];
    if (took < LEAST_MS || done < LEAST_PROGRESS) return '';
    return `About ${inWords(took * (100 - last.progress) / done)} left, if the rest goes at the pace so far.`;
  }
  return { add, left };
}

function inWords(ms) {
  const minutes = ms / 60000;
  if (minutes < 1) return 'a minute';
  if (minutes < 90) return `${Math.round(minutes)} min`;
  return `${(minutes / 60).toFixed(1)} h`;
}
