// A reading of `/ws/hardware`, appended to the readings that the API answered.

/** @import { Channel, Telemetry } from '../../types/answers.js' */
/** @import { Measurements, Reading } from '../../types/messages.js' */

/** @type {Record<string, (reading: Measurements) => number | null | undefined>} */
const MACHINE_CHANNELS = {
  cpu: ({ cpu }) => cpu?.percent,
  cpuFrequency: ({ cpu }) => cpu?.frequency,
  cpuTemperature: ({ cpu }) => cpu?.temperature,
  ramUsed: ({ memory }) => memory?.used,
  ramAvailable: ({ memory }) => memory?.available,
  swapUsed: ({ memory }) => memory?.swapUsed,
  ollamaCpu: ({ ollama }) => ollama?.cpu,
  ollamaMemory: ({ ollama }) => ollama?.memory,
};

/**
 * Return the readings with one more at their end. Its minimum and maximum cover the readings since the message before.
 * @param {Telemetry} data
 * @param {Reading} reading
 * @param {number} at Milliseconds since 1970.
 * @returns {Telemetry}
 */
export function appended(data, reading, at) {
  if (at <= (data.at.at(-1) ?? -Infinity)) return data;
  const series = data.series.map((channel) => withReading(channel, reading));
  return { ...data, at: [...data.at, at], series };
}

/**
 * @param {Channel} channel
 * @param {Reading} reading
 * @returns {Channel}
 */
function withReading(channel, reading) {
  const value = valueOf(channel, reading);
  if (channel.values) return { ...channel, values: [...channel.values, value] };
  return {
    ...channel,
    mean: [...(channel.mean ?? []), value],
    min: [...(channel.min ?? []), valueOf(channel, reading.min) ?? value],
    max: [...(channel.max ?? []), valueOf(channel, reading.max) ?? value],
  };
}

/**
 * @param {Channel} channel
 * @param {Measurements | undefined} reading
 */
function valueOf({ name, gpu }, reading) {
  if (!reading) return null;
  if (gpu === null) return MACHINE_CHANNELS[name]?.(reading) ?? null;
  const value = reading.gpus?.find((card, place) => (card.index ?? place) === gpu)?.[name];
  return typeof value === 'number' ? value : null;
}
