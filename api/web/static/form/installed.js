// The models of the chosen machine, or those of all machines in one list.

/** @import { Host, InstalledModel } from '../../types/answers.js' */

import { request } from '../lib/api.js';
import { isOne } from './machines.js';

/**
 * An installed model, and the names of the machines that have it.
 * @typedef {InstalledModel & { on: string[] }} Installed
 */

/**
 * Return the models of a machine, or of all machines, and the state of all machines.
 * @param {string} host
 * @returns {Promise<{ models: Installed[], hosts: Host[] }>}
 */
export async function fetchModels(host) {
  /** @type {[InstalledModel[] | null, { hosts: Host[] }]} */
  const [own, { hosts }] = await Promise.all([isOne(host) || !host ? modelsOf(host) : null, request('GET', '/hosts')]);
  if (own) return { models: own.map((model) => ({ ...model, on: [host] })), hosts };
  return { models: await modelsOfAll(hosts.map(({ name }) => name)), hosts };
}

/**
 * @param {string} host
 * @returns {Promise<InstalledModel[]>}
 */
async function modelsOf(host) {
  const { models } = await request('GET', `/models${host ? `?${new URLSearchParams({ host })}` : ''}`);
  return models;
}

/**
 * Return the models of all machines that answer, each once; fail as the first machine does if none answers.
 * @param {string[]} hosts
 */
async function modelsOfAll(hosts) {
  const answers = await Promise.allSettled(hosts.map(modelsOf));
  if (answers.every(({ status }) => status === 'rejected')) await modelsOf(hosts[0]);
  /** @type {Map<string, Installed>} */
  const found = new Map();
  answers.forEach((answer, index) => {
    if (answer.status === 'fulfilled') for (const model of answer.value) add(found, model, hosts[index]);
  });
  return [...found.values()].sort((one, other) => one.name.localeCompare(other.name));
}

/**
 * @param {Map<string, Installed>} found
 * @param {InstalledModel} model
 * @param {string} host
 */
function add(found, model, host) {
  const known = found.get(model.name);
  const times = [known?.lastMeasured, model.lastMeasured].filter((time) => typeof time === 'string').sort();
  found.set(model.name, { ...model, lastMeasured: times.at(-1) ?? null, on: [...(known?.on ?? []), host] });
}
