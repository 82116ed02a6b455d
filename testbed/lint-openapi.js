// `node testbed/lint-openapi.js FILE` checks an OpenAPI or AsyncAPI document by the rules of Redocly.
import { readFileSync } from 'node:fs';
import { argv, stdout } from 'node:process';

import { createConfig, lintFromString } from '@redocly/openapi-core';

const file = argv[2];
const config = await createConfig({
  extends: ['recommended-strict'],
  rules: {
    'operation-4xx-response': 'off', // probes such as /healthz refuse nothing; a test checks the other operations
  },
});
const problems = await lintFromString({ source: readFileSync(file, 'utf8'), absoluteRef: file, config });
for (const { ruleId, message, location } of problems) {
  stdout.write(`${file}${location[0]?.pointer ?? ''}: ${message} (${ruleId})\n`);
}
if (problems.length) throw new Error(`${problems.length} problems were found in ${file}.`);
