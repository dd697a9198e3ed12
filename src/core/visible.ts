const PICTURES = 0x2400; // U+2400…U+2421: one picture for each control character of ASCII
const DELETE = 0x7f;

// What a terminal obeys instead of showing it: C0 (but tab and line feed), DEL, C1; and what reorders the line: bidi controls.
// oxlint-disable-next-line no-control-regex
const COMMANDS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// What shows nothing, or as a blank that is none: invisible and format characters, other spaces, lone surrogates.
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}/gu;
const CRLF = /\r\n/g;

/** Text from tasks, agents and people as a terminal may show it: every character that it would obey is drawn instead. */
export function visible(text: string): string {
  return text.replace(CRLF, "\n").replace(COMMANDS, drawn);
}

/** The same for what a person decides on: what shows nothing, or as a blank, is written out too. */
export function whollyVisible(text: string): string {
  return visible(text).replace(UNSEEN, escaped);
}

/** Text of JSON with those characters escaped: the same document. */
export function visibleJsonText(json: string): string {
  return json.replace(COMMANDS, escaped);
}

function drawn(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(PICTURES + code);
  if (code === DELETE) return "\u2421";
  return escaped(character);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
