import { ModxError } from "@modx/errors";
import type { Command } from "commander";
import { InvalidArgumentError, Option } from "commander";

/** One option of the command line: its flags, what it means, and how its text is read. */
export interface OptionSpec {
  flags: string;
  description: string;
  /** Environment variables that stand for it, in order; the flag wins. */
  env?: string;
  parse?: (text: string, previous: unknown) => unknown;
  choices?: readonly string[];
}

/** Adds options to a command. */
export function addOptions(command: Command, specs: readonly OptionSpec[]): Command {
  for (const { flags, description, env, parse, choices } of specs) {
    const option = new Option(flags, description);
    if (env !== undefined) option.env(env);
    if (choices !== undefined) option.choices([...choices]);
    if (parse !== undefined) option.argParser(parse);
    command.addOption(option);
  }
  return command;
}

export function wholeNumber(name: string, least = 0, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(
        `${name} must be a whole number from ${least}${most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`}.`,
      );
    }
    return value;
  };
}

export function decimal(
  name: string,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError(`${name} must be a number.`);
    if (value < least || value > most)
      throw new InvalidArgumentError(`${name} must be a number from ${least} to ${most}.`);
    return value;
  };
}

/** Collects a flag that may be given several times. */
export function repeated(text: string, previous: unknown): string[] {
  return [...(Array.isArray(previous) ? (previous as string[]) : []), text];
}

export function usage(what: string, remedy: string): ModxError {
  return new ModxError("MODX_USAGE", { what, remedy });
}
