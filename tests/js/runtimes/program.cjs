// For Node, as CommonJS.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const isoblob = require("isoblob");
const { explain } = require("isoblob/inspect");
const { WorkerPool } = require("isoblob/pool");

const { check } = require("./check.js");
const { everything } = require("./everything.js");

const vectors = JSON.parse(readFileSync(join(__dirname, "vectors.json"), "utf8"));
everything({ isoblob, explain, WorkerPool }).then((found) => {
  console.log(JSON.stringify({ ...check(isoblob, vectors), ...found }));
});
