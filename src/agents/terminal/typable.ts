import { visible } from "../../core/visible.ts";

/** What interactive programs take for a command of theirs at the beginning of a line: a shell's, a menu's, a note's. */
const COMMAND = /^\s*[!#$&/:?@\\]/;
/** What opens a list of files or skills when it is the last word: Enter would choose from it. */
const MENTION = /[@$/]\S*$/;
/** Text that nobody sees and a model reads; what joins letters and emoji stays. */
const HIDDEN = /[\p{Cf}--[\u200c\u200d]]/gv;

/**
 * A message as it may be typed where a program takes pasted text: its lines stay, what a terminal obeys is drawn, what
 * nobody sees is left out, and no program takes it for a command.
 */
export function typable(message: string): string {
  const text = visible(message.toWellFormed().replaceAll(/\r\n?/g, "\n")).replace(HIDDEN, "");
  const begun = COMMAND.test(text) ? `Message: ${text}` : text;
  return MENTION.test(begun) ? `${begun} ` : begun;
}
