// The session's log as it is written; the last lines of it stay on the page.

import { element } from '../lib/dom.js';

const SHOWN = 300;
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

/** Lines are added at once and put on the page by `draw`, which follows the end unless the reader has scrolled up. Of
 * several models each line names its own. */
export function logOf(box, several) {
  let waiting = [];
  let begun = false;

  function add({ at, modelName, testType, log, error }) {
    if (log === undefined && error === undefined) return;
    waiting.push([CLOCK.format(new Date(at)), several ? `${testType}, ${modelName}` : testType, log ?? `failed: ${error}`]);
    if (waiting.length > SHOWN) waiting = waiting.slice(-SHOWN);
  }

  function draw() {
    if (waiting.length === 0) return;
    const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 8;
    if (!begun) box.replaceChildren();
    begun = true;
    box.append(...waiting.map(line));
    waiting = [];
    while (box.childElementCount > SHOWN) box.firstElementChild.remove();
    if (atEnd) box.scrollTop = box.scrollHeight;
  }
  return { add, draw };
}

function line([at, of, text]) {
  const whole = element('p');
  whole.append(element('span', `${at} ${of} `, 'of'), text);
  return whole;
}
