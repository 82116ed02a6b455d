// A table that scrolls by itself, with a label for screen readers.

import { element } from '../lib/dom.js';

/**
 * @param {string[]} columns
 * @param {(string | Node)[][]} rows
 * @param {string} label
 */
export function makeTable(columns, rows, label) {
  const [region, table, head, body] = [
    element('div', '', 'table'),
    element('table'),
    element('thead'),
    element('tbody'),
  ];
  Object.assign(region, { tabIndex: 0, role: 'region', ariaLabel: label });
  head.append(makeRow(columns.map((column) => Object.assign(element('th', column), { scope: 'col' }))));
  body.append(...rows.map((cells) => makeRow(cells.map(makeCell))));
  table.append(head, body);
  region.append(table);
  return region;
}

/** @param {Node[]} cells */
function makeRow(cells) {
  const row = element('tr');
  row.append(...cells);
  return row;
}

/** @param {string | Node} content */
function makeCell(content) {
  const cell = element('td');
  cell.append(content);
  return cell;
}
