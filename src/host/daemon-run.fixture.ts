// Stands where a host starts a daemon: says in DISPATCH_HOME how it was started.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const { DISPATCH_HOME: home, DISPATCH_SELF: self } = process.env;
const report = join(home!, "daemon-started");
writeFileSync(`${report}.new`, JSON.stringify({ words: process.argv.slice(2), self }));
renameSync(`${report}.new`, report);
