// Sections of the page that the server renders again while a session runs, replaced without disturbing the reader.

import { fetchPage } from '../lib/api.js';
import { findAll } from '../lib/dom.js';
import { sleep } from '../lib/scheduling.js';
import { showLocalTimes } from '../lib/times.js';
import { pathOf, preservePosition } from './reading-position.js';

const RETRY_MS = 2000;

export class Sections {
  /** @type {Map<string, string[]>} The HTML of each section's children, as the server rendered it last. */
  #rendered = new Map();
  /** @type {Promise<Document | null> | null} */
  #refreshing = null;
  #isStale = false;
  #ids;

  /** @param {string[]} ids */
  constructor(ids) {
    this.#ids = ids;
  }

  /**
   * Replace what has changed and return the new page, null if it is gone. Calls that come meanwhile share one more
   * request.
   */
  refresh() {
    this.#isStale = true;
    this.#refreshing ??= this.#refreshUntilCurrent();
    return this.#refreshing;
  }

  async #refreshUntilCurrent() {
    let page = null;
    while (this.#isStale) {
      this.#isStale = false;
      page = await this.#refreshOnce();
    }
    this.#refreshing = null;
    return page;
  }

  async #refreshOnce() {
    const { status, page } = await fetchPageWhenReady();
    if (status !== 200) return null;
    preservePosition(() => {
      for (const id of this.#ids) this.#replace(id, page);
    });
    return page;
  }

  /**
   * @param {string} id
   * @param {Document} page
   */
  #replace(id, page) {
    const [section, update] = [document.getElementById(id), page.getElementById(id)];
    if (!section || !update) return;
    const folds = readFolds(section);
    const children = this.#merge(id, section, update);
    const isChanged = children.some((child) => child.parentNode !== section);
    place(section, children);
    restoreFolds(section, folds);
    if (isChanged) showLocalTimes(section);
  }

  /**
   * Return the children of the section's update; those that have not changed are the ones on the page.
   * @param {string} id
   * @param {Element} section
   * @param {Element} update
   */
  #merge(id, section, update) {
    const before = this.#rendered.get(id) ?? [];
    const html = [...update.children].map((child) => child.outerHTML);
    const isIntact = before.length === section.children.length;
    this.#rendered.set(id, html);
    return html.map((text, index) => {
      const known = isIntact ? section.children[before.lastIndexOf(text)] : undefined;
      return known ?? document.importNode(update.children[index], true);
    });
  }
}

/** Fetch the page, and retry until Gait and the services that it depends on respond. */
async function fetchPageWhenReady() {
  for (;;) {
    const answer = await fetchPage().catch(() => null);
    if (answer !== null && answer.status !== 503) return answer;
    await sleep(RETRY_MS);
  }
}

/**
 * Give a section these children, and do not move those that it has already.
 * @param {Element} section
 * @param {Element[]} children
 */
function place(section, children) {
  for (const child of [...section.children]) if (!children.includes(child)) child.remove();
  children.forEach((child, index) => {
    if (section.children[index] !== child) section.insertBefore(child, section.children[index] ?? null);
  });
}

/** @param {Element} section */
const readFolds = (section) =>
  new Map(findAll('details', HTMLDetailsElement, section).map((details) => [nameOf(details), details.open]));

/**
 * Open and close details as the reader left them.
 * @param {Element} section
 * @param {Map<string, boolean>} folds
 */
function restoreFolds(section, folds) {
  for (const details of findAll('details', HTMLDetailsElement, section)) {
    details.open = folds.get(nameOf(details)) ?? details.open;
  }
}

/**
 * Return a name for details, by what they open. Several charts of a section have their numbers below.
 * @param {Element} details
 */
function nameOf(details) {
  const caption = details.closest('figure')?.querySelector('figcaption')?.textContent;
  return [pathOf(details), caption, details.querySelector('summary')?.textContent.trim()].join();
}
