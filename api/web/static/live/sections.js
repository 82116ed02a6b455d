// Parts of this page, made anew by the server, put in place without disturbing who reads them.

import { askForPage } from '../lib/key.js';
import { drawFigures, forget } from '../charts/charts.js';
import { localTimes } from '../lib/times.js';

const AGAIN_MS = 2000;

/** The parts with these ids; `refresh` asks for the page again and puts what has changed in place of what was. */
export function partsOf(ids) {
  const before = new Map(); // id -> the children's HTML as the server gave them last
  let asked = null;
  let again = false;

  async function once() {
    const { status, page } = await answered();
    if (status !== 200) return null;
    keepingPlace(() => { for (const id of ids) replace(id, page); });
    return page;
  }

  function replace(id, page) {
    const [here, there] = [document.getElementById(id), page.getElementById(id)];
    if (!here || !there) return;
    const html = [...there.children].map((child) => child.outerHTML);
    const kept = new Map((before.get(id) ?? []).map((old, index) => [old, index]));
    const was = before.get(id)?.length === here.children.length ? [...here.children] : [];
    const [known, isOpen] = [named(here, 'details'), named(here, 'details[open]')];
    const children = html.map((text, index) => was[kept.get(text)] ?? fresh(there.children[index]));
    before.set(id, html);
    for (const child of [...here.children]) {
      if (children.includes(child)) continue;
      forget(child);
      child.remove();
    }
    children.forEach((child, index) => { if (here.children[index] !== child) here.insertBefore(child, here.children[index] ?? null); });
    for (const details of here.querySelectorAll('details')) if (known.has(summaryOf(details))) details.open = isOpen.has(summaryOf(details));
    for (const child of children) if (!was.includes(child)) { localTimes(child.parentElement); drawFigures(child); }
  }

  /** The page as the server has it now, or null where it has none; calls that come meanwhile are answered by one more question. */
  async function refresh() {
    if (asked) { again = true; return asked; }
    asked = (async () => {
      let page;
      do { again = false; page = await once(); } while (again);
      asked = null;
      return page;
    })();
    return asked;
  }
  return { refresh };
}

/** Asked for until Gait answers, and what it stands on. */
async function answered() {
  for (;;) {
    const answer = await askForPage().catch(() => null);
    if (answer !== null && answer.status !== 503) return answer;
    await new Promise((resolve) => { setTimeout(resolve, AGAIN_MS); });
  }
}

const fresh = (node) => document.importNode(node, true);
const named = (part, which) => new Set([...part.querySelectorAll(which)].map(summaryOf));

/** By what it opens: several charts of a part have their numbers beneath. */
const summaryOf = (details) => [pathOf(details), details.closest('figure')?.querySelector('figcaption').textContent, details.querySelector('summary')?.textContent.trim()].join();

/** What an element is called: its id, or the nearest one's above it. */
const pathOf = (element) => element.closest('[id]')?.id ?? '';

/** Change the page, and leave focus and what is in sight where they were. */
function keepingPlace(change) {
  const landmarks = () => [...document.querySelectorAll('#main [id], #main h2, #main h3, #main summary')];
  const called = (element) => element.id || `${pathOf(element)} ${element.tagName} ${element.textContent.trim()}`;
  // What is folded away tells 0 as its place.
  const seen = landmarks().find((element) => element.checkVisibility() && element.getBoundingClientRect().top >= 0);
  const anchor = seen && { name: called(seen), top: seen.getBoundingClientRect().top };
  const focused = document.activeElement === document.body ? null : document.activeElement;
  const focusName = focused && focusable(focused);
  change();
  const place = anchor && landmarks().find((element) => called(element) === anchor.name);
  if (place) window.scrollBy({ top: place.getBoundingClientRect().top - anchor.top, behavior: 'instant' });
  if (focused && !focused.isConnected) {
    const same = [...document.querySelectorAll(focused.tagName)].find((element) => focusable(element) === focusName);
    (same ?? document.getElementById('main')).focus({ preventScroll: true });
  }
}

const focusable = (element) => element.id || `${pathOf(element)} ${element.tagName} ${element.getAttribute('href') ?? element.getAttribute('aria-label') ?? element.textContent.trim()}`;
