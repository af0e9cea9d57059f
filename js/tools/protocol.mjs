/**
 * Write `src/protocol.ts` from `nbhitl/protocol/`, or with `--check` prove that the file is up to date.
 *
 * Python prints a JSON Schema, and json-schema-to-typescript makes types of the schema. `PYTHON` names the
 * interpreter (default: `python`) with pydantic.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { compile } from "json-schema-to-typescript";

const TARGET = fileURLToPath(new URL("../src/protocol.ts", import.meta.url));
const BANNER =
  "// Generated from nbhitl/protocol/ by js/tools/protocol.mjs. Do not edit: change the Python and run `poe protocol`.";

function readSchema() {
  const tool = fileURLToPath(new URL("./protocol.py", import.meta.url));
  const python = process.env.PYTHON ?? "python";
  return JSON.parse(execFileSync(python, [tool], { encoding: "utf8", maxBuffer: 2 ** 24 }));
}

function constants(values) {
  return Object.entries(values).map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`);
}

async function generate({ "x-constants": values, ...schema }) {
  const types = await compile(schema, "Wire", {
    additionalProperties: false,
    bannerComment: "",
  });
  return [BANNER, "", ...constants(values), "", types.trim(), ""].join("\n");
}

const fresh = await generate(readSchema());
const present = existsSync(TARGET) ? readFileSync(TARGET, "utf8") : "";
if (!process.argv.includes("--check")) {
  writeFileSync(TARGET, fresh);
} else if (fresh !== present) {
  console.error("js/src/protocol.ts is older than nbhitl/protocol/: run `poe protocol`.");
  process.exit(1);
}
