// Fills a small disk. Arguments: the folder of the log, a file that takes space on the same disk. Prints what happened.
import { statfsSync, unlinkSync, writeFileSync } from "node:fs";
import { SessionLog } from "./log.ts";

const [folder, ballast] = process.argv.slice(2) as [string, string];
const LIMITS = { segmentBytes: 32 * 1024, limitBytes: 64 * 1024 * 1024, reserveBytes: 64 * 1024 };
const OUTPUT = { epoch: 1, sync: false, control: false };
const CONTROL = { epoch: 1, sync: true, control: true };

const drained = Promise.withResolvers<void>();
const log = new SessionLog<string>(folder, { ...LIMITS, onDrained: drained.resolve });
writeFileSync(ballast, Buffer.alloc(128 * 1024));

let outputs = 0;
while (log.append("o".repeat(3_000), OUTPUT) !== "full") outputs++;
const freeWhenFull = statfsSync(folder).bavail;

let controls = 0;
let refusal = "";
while (refusal === "" && controls < 10_000) {
  try {
    log.append("c".repeat(1_000), CONTROL);
    controls++;
  } catch (error) {
    refusal = (error as { code: string }).code;
  }
}
const outputWhenStarved = log.append("o", OUTPUT);

unlinkSync(ballast);
await drained.promise;
const outputAfter = log.append("after", OUTPUT);
log.close();

const reopened = new SessionLog<string>(folder, { ...LIMITS, onDrained() {} });
const seqs = Array.from(reopened.read(0), (record) => record.seq);
const isContiguous = seqs.every((seq, index) => seq === index + 1);
const { cutBytes } = reopened;
reopened.close();
const read = seqs.length;
console.log(
  JSON.stringify({
    outputs,
    freeWhenFull,
    controls,
    refusal,
    outputWhenStarved,
    outputAfter,
    read,
    isContiguous,
    cutBytes,
  }),
);
