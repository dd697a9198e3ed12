// Stands where a host starts a daemon: says in DISPATCH_HOME how it was started.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const { DISPATCH_HOME: home, DISPATCH_SELF: self } = process.env;
writeFileSync(join(home!, "daemon-started"), JSON.stringify({ words: process.argv.slice(2), self }));
