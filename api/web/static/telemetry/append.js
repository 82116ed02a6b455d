// A reading of `/ws/hardware` as one more time of what `/telemetry` answered.

const OF_THE_MACHINE = {
  cpu: ['cpu', 'percent'], cpuFrequency: ['cpu', 'frequency'], cpuTemperature: ['cpu', 'temperature'],
  ramUsed: ['memory', 'used'], ramAvailable: ['memory', 'available'], swapUsed: ['memory', 'swapUsed'],
  ollamaCpu: ['ollama', 'cpu'], ollamaMemory: ['ollama', 'memory'],
};

/** The answer with this reading at its end; its least and most since the message before keep what lies between. */
export function appended(data, reading, at) {
  if (at <= (data.at.at(-1) ?? -Infinity)) return data;
  const series = data.series.map((channel) => {
    const [now, least, most] = [reading, reading.min, reading.max].map((part) => valueOf(channel, part));
    if (channel.values) return { ...channel, values: [...channel.values, now] };
    return { ...channel, mean: [...channel.mean, now], min: [...channel.min, least ?? now], max: [...channel.max, most ?? now] };
  });
  return { ...data, at: [...data.at, at], series };
}

function valueOf({ name, gpu }, reading) {
  if (!reading) return null;
  if (gpu === null) {
    const [part, key] = OF_THE_MACHINE[name] ?? [];
    return reading[part]?.[key] ?? null;
  }
  return reading.gpus?.find((card, place) => (card.index ?? place) === gpu)?.[name] ?? null;
}
