// npm run plugins: writes into plugins/codex the skills that it has from plugins/claude-code. A test compares them.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CODEX_SKILLS } from "../src/cli/plugin-files.ts";

const ROOT = dirname(import.meta.dir);

for (const [path, text] of Object.entries(CODEX_SKILLS)) {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), text);
}
