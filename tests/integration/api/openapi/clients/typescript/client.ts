// A client with the types of openapi-typescript. `node client.js URL KEY` prints what it read as JSON.
import createClient from 'openapi-fetch';
import type { components, paths } from './gait.js';

declare const process: { argv: string[] };
declare const console: { log(text: string): void };

const [, , baseUrl = '', key = ''] = process.argv;
// Without the media type, results could also be the text of CSV.
const client = createClient<paths, 'application/json'>({ baseUrl, headers: { 'X-API-Key': key } });
const nobody = '00000000-0000-0000-0000-000000000000';

async function submit(testType: string, idempotencyKey: string) {
  return client.POST('/api/v1/test-sessions', {
    params: { header: { 'Idempotency-Key': idempotencyKey } },
    body: { models: ['tiny:latest'], testTypes: [testType], tags: ['typed'] },
  });
}

const submitted = await submit('decode', 'typed');
if (!submitted.data) throw new Error(submitted.error.message);
const sessionId: string = submitted.data.sessionId;
const listed = await client.GET('/api/v1/test-sessions', { params: { query: { tags: ['typed', 'llama'] } } });
const group: string | null | undefined = listed.data?.sessions[0]?.group;
const found = await client.GET('/api/v1/test-results', {
  params: {
    query: {
      'dateRange[start]': '2000-01-01',
      'dateRange[end]': '2200-01-01T00:00:00+02:00',
      testType: 'decode',
    },
  },
});
const metrics: components['schemas']['Metrics'] | undefined = found.data?.results[0]?.metrics;
const unit: string | undefined = metrics?.statistics?.['tokensPerSecond']?.unit;
const known = found.data?.results[0];
if (!known) throw new Error('There are no results.');
const { sessionId: baseline, modelName: model } = known;
const compared = await client.GET('/api/v1/comparisons', { params: { query: { baseline } } });
const history = await client.GET('/api/v1/histories', { params: { query: { model, testType: 'decode' } } });
const board = await client.GET('/api/v1/leaderboard', { params: { query: { testType: 'decode' } } });
const stored = await client.POST('/api/v1/schedules', {
  body: { cron: '30 2 * * *', session: { models: ['tiny:latest'], testTypes: ['decode'] } },
});
if (!stored.data) throw new Error(stored.error.message);
const scheduleId: string = stored.data.id;
await client.DELETE('/api/v1/schedules/{scheduleId}', { params: { path: { scheduleId } } });
const regressions = await client.GET('/api/v1/regressions');
const missing = await client.GET('/api/v1/test-sessions/{sessionId}', { params: { path: { sessionId: nobody } } });
const conflict = await submit('ttft', 'typed');
const invalid = await submit('nothing', 'other');
const failures: (components['schemas']['Error'] | undefined)[] = [missing.error, conflict.error, invalid.error];

console.log(
  JSON.stringify({
    listed: listed.data?.sessions.map(({ id }) => id === sessionId),
    group,
    total: found.data?.total,
    unit,
    statuses: failures.map((error) => error?.status),
    columns: (compared.data?.columns.length ?? 0) > 0,
    history: history.data?.metric,
    board: board.data?.unit,
    timeZone: stored.data.timeZone,
    regressions: regressions.data?.total,
    fields: Object.keys(invalid.error?.details ?? {}),
  }),
);
