// Where the story is printed: plain lines; on a terminal a little colour, and one line that keeps changing.
import { stripVTControlCharacters, styleText } from "node:util";
import { plain } from "../cli/terminal/plain.ts";
import { wrap } from "../cli/terminal/table.ts";

type Style = Parameters<typeof styleText>[0];

export interface Terminal {
  /** Whether somebody is there who can answer. */
  readonly interactive: boolean;
  heading(text: string): void;
  /** Lines of prose, broken at the terminal's width and indented. */
  say(text: string): void;
  /** Lines as they are. */
  lines(lines: readonly string[]): void;
  /** A line that the next one replaces; where lines cannot be replaced, a sign of life when nothing else is said. */
  live(text: string): void;
  paint(style: Style, text: string): string;
}

const WIDTH = 96;
const INDENT = "  ";
/** The longest silence in a log, in milliseconds. */
const SPARSE = 10_000;

export function createTerminal({
  out,
  input,
  clock,
}: {
  out: NodeJS.WriteStream;
  input: NodeJS.ReadStream;
  clock: () => number;
}): Terminal {
  const colours = out.isTTY === true && out.hasColors();
  let changing = false;
  let lastWritten = clock();
  const write = (line: string) => {
    out.write(`${changing ? "\r\u001b[K" : ""}${plain(line)}\n`);
    changing = false;
    lastWritten = clock();
  };
  const paint = (style: Style, text: string) => (colours ? styleText(style, text, { validateStream: false }) : text);
  return {
    interactive: out.isTTY === true && input.isTTY === true,
    heading(text) {
      write("");
      write(paint("bold", text));
    },
    say(text) {
      for (const line of wrap(text, WIDTH - INDENT.length)) write(`${INDENT}${line}`);
    },
    lines(lines) {
      for (const line of lines) write(line);
    },
    live(text) {
      if (out.isTTY === true) {
        out.write(
          `\r\u001b[K${INDENT}${stripVTControlCharacters(text).slice(0, Math.max(20, (out.columns || 80) - INDENT.length - 1))}`,
        );
        changing = true;
      } else if (clock() - lastWritten >= SPARSE) write(`${INDENT}${text}`);
    },
    paint,
  };
}
