import type { ShellWord, SimpleCommand } from "../protocol/command-line.ts";

/** Whether a command with these words after its name only reads. */
type Reads = (args: readonly ShellWord[]) => boolean;

const always: Reads = () => true;
const TEST_EVALUATES = /^-(v|R|eq|ne|lt|le|gt|ge)$/; // subscripts, and in some shells arithmetic
const GNU_SED_PRINT = /^(\d+|\$)?(,(\d+|\$))?[pdq]$/;
const DIFF_WRITES = /^--(ou|ext|textconv)/;

/**
 * Commands that only read, by the name that is looked up on the PATH. Where an option is forbidden, so is every
 * beginning of it that the program takes for it.
 */
const READING: Readonly<Record<string, Reads>> = {
  ...each("cat head tail tac wc nl cut tr paste column fold expand unexpand rev comm cmp diff", always),
  ...each("grep egrep fgrep ls pwd basename dirname realpath readlink stat du df echo true false :", always),
  ...each("seq sleep jq od hexdump strings base64 md5sum sha1sum sha256sum sha512sum b2sum cksum", always),
  ...each("which type ps free uptime uname id printenv exit return break continue wait cd", always),
  ...each("whoami hostname env arch nproc tty logname groups", (args) => args.length === 0),
  ...each("[ test", without(TEST_EVALUATES)),
  command: only(/^(-[vV]|[\w.+-]+)$/),
  date: only(/^(\+.*|-u|--utc|-R|-I.*|--iso-8601.*|--rfc-.*)$/),
  file: without(/^(-[a-zA-Z]*C|--c)/),
  find: without(/^-(delete|fls|fprint.*)$/), // what it executes stands in the line by itself
  git: gitReads,
  printf: without(/^-v/),
  rg: without(/^--(pre|hostname-bin)/),
  sed: sedReads,
  set: only(/^(-[eux]+|-[eux]*o|pipefail)$/),
  sort: without(/^(-[a-zA-Z0-9,.]*o|--(o|co))/),
  tree: without(/^(-[a-zA-Z]*[oR]|--o)/),
  uniq: (args) => args.length <= 1 && without(/^$/)(args),
};

/** In a folder that an agent chose, git reads settings that the agent may have written. */
const TIED_TO_FOLDER = new Set(["git", "cd"]);

const GIT_OPTION = /^(--no-pager|-P|--no-optional-locks|--literal-pathspecs)$/;
const GIT: Readonly<Record<string, Reads>> = {
  ...each("status rev-parse ls-files ls-tree merge-base rev-list describe name-rev for-each-ref", always),
  ...each("show-ref count-objects check-ignore check-attr version", always),
  ...each("diff log show whatchanged blame shortlog diff-tree diff-index diff-files", without(DIFF_WRITES)),
  branch: only(
    /^(-[avrl]+|--(list|all|remotes|show-current|verbose|merged|no-merged|sort=.*|contains(=.*)?))$/,
  ),
  "cat-file": without(/^--(te|fi|ba)/),
  config: (args) => /^(--get|--get-all|--list|-l|get|list)$/.test(args[0]?.value ?? "") && args.length <= 2,
  grep: without(/^(-[a-zA-Z]*O|--op|--ext)/),
  reflog: (args) => args.length === 0 || (args[0]!.value === "show" && without(DIFF_WRITES)(args)),
  remote: only(/^(-v|--verbose)$/),
  stash: (args) => /^(list|show)$/.test(args[0]?.value ?? "") && without(DIFF_WRITES)(args),
  tag: only(/^(-l|--list|-n\d*|--sort=.*)$/),
  worktree: only(/^(list|--porcelain|-v)$/),
};

/**
 * True for a command that only reads, as far as its words tell.
 * @param moves the line works in another folder than the agent's
 */
export function onlyReads({ words, assignments }: SimpleCommand, moves: boolean): boolean {
  const [name, ...args] = words;
  if (assignments.length > 0) return name === undefined && assignments.every(isLocal);
  if (name?.value == null || !Object.hasOwn(READING, name.value)) return false;
  return !(moves && TIED_TO_FOLDER.has(name.value)) && READING[name.value]!(args);
}

/** A variable that steers no program: such names are upper case, or end as some that are not. */
function isLocal({ start }: ShellWord): boolean {
  return /^[a-z_][a-z0-9_]*=/.test(start) && !/^\w*(path|proxy)=/.test(start);
}

/** No word is of this form. One that only running tells could be, except where it cannot be an option. */
function without(form: RegExp): Reads {
  return (args) => {
    const end = args.findIndex(({ value }) => value === "--");
    const options = end < 0 ? args : args.slice(0, end);
    return options.every(({ value, start }) => (value === null ? isOperand(start) : !form.test(value)));
  };
}

/** Every word is of this form. */
function only(form: RegExp): Reads {
  return (args) => args.every(({ value }) => value !== null && form.test(value));
}

function isOperand(start: string): boolean {
  return start !== "" && !start.startsWith("-");
}

function gitReads(args: readonly ShellWord[]): boolean {
  const at = args.findIndex(({ value }) => value === null || !GIT_OPTION.test(value));
  const name = args[at]?.value;
  return name != null && Object.hasOwn(GIT, name) && GIT[name]!(args.slice(at + 1));
}

/** `sed -n 1,20p FILE…`: other scripts may write files and run commands. */
function sedReads(args: readonly ShellWord[]): boolean {
  const at = args.findIndex(({ value }) => value === null || !/^-[nErsuz]+$/.test(value));
  const script = args[at]?.value;
  if (script == null || !script.split(";").every((each) => GNU_SED_PRINT.test(each.trim()))) return false;
  return args.slice(at + 1).every(({ value, start }) => isOperand(value ?? start));
}

function each(names: string, reads: Reads): Record<string, Reads> {
  return Object.fromEntries(names.split(" ").map((name) => [name, reads]));
}
