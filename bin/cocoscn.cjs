#!/usr/bin/env node
// Starts the built command line. It stands in the checkout, unlike dist/, because npx links it before anything is built
// and never forgets a link that led nowhere.

const { existsSync } = require('node:fs');
const { join } = require('node:path');

const cli = join(__dirname, '..', 'dist', 'cli.cjs');
if (existsSync(cli)) {
  require(cli);
} else {
  console.error('cocoscn is not built yet: run `npm ci` first.');
  process.exitCode = 2;
}
