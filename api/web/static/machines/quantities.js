// The quantities of a reading that the page of the machines shows.

/** @import { GpuReading, Measurements } from '../../types/messages.js' */

/**
 * @typedef {object} Quantity
 * @property {string} name
 * @property {string} unit
 * @property {number | null} [largest] The upper end of the curve; the largest value of the minute if unknown.
 * @property {number | null} [total] Shown in the name, such as `RAM of 16 GB`.
 * @property {boolean} [startsRow]
 * @property {(part: Measurements | undefined) => number | null | undefined} valueIn Of a reading, its `min` or `max`.
 */

/**
 * Return the quantities in the order of the page.
 * @param {Measurements} reading
 * @returns {Quantity[]}
 */
export function quantitiesOf({ memory, gpus }) {
  const total = memory?.total;
  return [
    { name: 'CPU', unit: '%', largest: 100, valueIn: (part) => part?.cpu?.percent },
    { name: 'Ollama on the CPU', unit: '%', largest: 100, valueIn: (part) => part?.ollama?.cpu },
    { name: 'RAM', unit: 'bytes', largest: total, total, valueIn: (part) => part?.memory?.used },
    { name: 'CPU temperature', unit: '°C', valueIn: (part) => part?.cpu?.temperature },
    ...(gpus ?? []).flatMap((gpu, place, all) => gpuQuantities(gpu, place, all.length > 1)),
  ];
}

/**
 * @param {GpuReading} gpu
 * @param {number} place
 * @param {boolean} isOneOfSeveral
 * @returns {Quantity[]}
 */
function gpuQuantities({ index, memoryTotal }, place, isOneOfSeveral) {
  const name = isOneOfSeveral ? `GPU ${index}` : 'GPU';
  const total = memoryTotal;
  return [
    { name, unit: '%', largest: 100, startsRow: isOneOfSeveral, valueIn: (part) => part?.gpus?.[place]?.utilization },
    { name: `${name} VRAM`, unit: 'bytes', largest: total, total, valueIn: (part) => part?.gpus?.[place]?.memoryUsed },
    { name: `${name} power`, unit: 'W', valueIn: (part) => part?.gpus?.[place]?.power },
    { name: `${name} temperature`, unit: '°C', valueIn: (part) => part?.gpus?.[place]?.temperature },
  ];
}
