import type { Delivery } from "../protocol/webhook.ts";
import { formatDuration } from "./duration.ts";
import { cut } from "./output.ts";

/** The longest text of a line, in columns. */
const TEXT_COLUMNS = 60;

/** What became of a delivery, in one line. */
export function deliveryLine({ notice, state, tries, due, answer }: Delivery, now: number): string {
  const what = `${notice.name} ${notice.kind}: ${cut(notice.text, TEXT_COLUMNS)}`;
  switch (state) {
    case "delivered":
      return `${what} (delivered, ${answer})`;
    case "failed":
      return `${what} (given up after ${tries} tries: ${answer})`;
    case "waiting":
      return tries === 0
        ? `${what} (waits)`
        : `${what} (not delivered: ${answer}; again in ${formatDuration(due - now)})`;
  }
}
