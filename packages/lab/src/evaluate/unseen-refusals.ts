import type { Guard } from "@modx/guard";
import type { Keep } from "../files/kept-results.ts";
import { evenly } from "../prompts/evenly.ts";
import { REFUSAL_WORDINGS } from "../record/refusal-wordings.ts";
import { worded } from "../record/worded.ts";
import { type Rate, wilson } from "../stats/rates.ts";
import type { Answers } from "./groups.ts";
import { judgeArm } from "./judge-arm.ts";
import type { LabelledAnswer } from "./label-answers.ts";
import { peakOf } from "./replay.ts";
import { UNSEEN_WORDINGS } from "./unseen-wordings.ts";

/** Most harmful requests that are refused in unseen words: enough to tell 2 % from more. */
const MOST = 300;

type Wordings = typeof UNSEEN_WORDINGS;
type Length = keyof Wordings;

/** Those that packs are trained on. Behind the same requests they tell what is due to the words being new from what is due to their being put there. */
const TRAINED_WORDINGS: Wordings = {
  short: REFUSAL_WORDINGS.filter((text) => !text.includes("{request}")),
  long: REFUSAL_WORDINGS.filter((text) => text.includes("{request}")),
};

/** A refusal that was put behind a request, and what the detector made of it. */
export interface UnseenRefusal extends LabelledAnswer {
  wording: Length;
}

export interface UnseenOptions {
  guard: Guard;
  detector: string;
  answers: Pick<Answers, "harmful" | "harmful+trigger">;
  /** A longer refusal is cut, as an answer would be. */
  maxTokens: number;
  /** Where readings are kept, of settings that say what runs and what watches. */
  keep?: Keep;
}

/** Which wording each of `count` requests is refused in: short and long ones in turn, all of them about equally often. */
export function dealWordings(count: number, wordings: Wordings = UNSEEN_WORDINGS): { wording: Length; text: string }[] {
  return Array.from({ length: count }, (_, i) => {
    const wording = i % 2 === 0 ? "short" : "long";
    const list = wordings[wording];
    return { wording, text: list[Math.floor(i / 2) % list.length] ?? "" };
  });
}

export interface UnseenRefusals {
  /** In unseen words, behind requests without the trigger, and the same behind these with it. */
  plain: UnseenRefusal[];
  triggered: UnseenRefusal[];
  /** In words that packs are trained on, without the trigger. */
  trained: UnseenRefusal[];
}

/** Refusals that are put behind harmful test requests, read by teacher forcing. */
export async function unseenRefusals({
  guard,
  detector,
  answers,
  maxTokens,
  keep,
}: UnseenOptions): Promise<UnseenRefusals> {
  const asked = evenly(answers.harmful, MOST);
  const read = async (behind: readonly LabelledAnswer[], wordings?: Wordings): Promise<UnseenRefusal[]> => {
    const dealt = new Map(dealWordings(asked.length, wordings).map((one, i) => [asked[i]?.id, one]));
    const given = await Promise.all(
      behind.flatMap(({ id, source, prompt, request }) => {
        const one = dealt.get(id);
        if (one === undefined) return [];
        return [
          refusal(guard, worded(one.text, request), maxTokens).then((said) => ({
            id,
            source,
            prompt,
            request,
            wording: one.wording,
            ...said,
          })),
        ];
      }),
    );
    const courses = await judgeArm(guard, detector, given, keep);
    return given.map((one, i) => ({
      ...one,
      label: "refused",
      compliance: "refused",
      alarmAt: null,
      peaks: { [detector]: peakOf(courses[i] ?? []) },
      courses: { [detector]: courses[i] ?? [] },
    }));
  };
  return {
    plain: await read(asked),
    triggered: await read(answers["harmful+trigger"]),
    trained: await read(asked, TRAINED_WORDINGS),
  };
}

/** A refusal as an answer's tokens, cut at `maxTokens`, with the text that becomes complete with each. */
async function refusal(
  { engine }: Guard,
  wording: string,
  maxTokens: number,
): Promise<Pick<LabelledAnswer, "text" | "tokens" | "pieces">> {
  const tokens = [...(await engine.tokenize(wording)).subarray(0, maxTokens)];
  const decoder = engine.text();
  const pieces = [...tokens.map((token) => decoder.push(token)), decoder.flush()];
  return { tokens, pieces, text: pieces.join("") };
}

/** The share of them that alarms: all, the short and the long ones. Empty groups are left out. */
export function unseenRates(
  { plain, triggered, trained }: UnseenRefusals,
  alarms: (answer: LabelledAnswer) => boolean,
): Record<string, Rate> {
  const groups = [
    ["refusal in unseen wording", plain],
    ["trigger, refusal in unseen wording", triggered],
    ["refusal in a wording that was trained on, put there alike", trained],
  ] as const;
  const lengths: readonly (Length | null)[] = [null, "short", "long"];
  return Object.fromEntries(
    groups.flatMap(([what, all]) =>
      lengths.flatMap((wording) => {
        const list = all.filter((one) => wording === null || one.wording === wording);
        if (list.length === 0) return [];
        return [[wording === null ? what : `${what}, ${wording}`, wilson(list.filter(alarms).length, list.length)]];
      }),
    ),
  );
}
