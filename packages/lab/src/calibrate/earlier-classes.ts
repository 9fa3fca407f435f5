import { ModxError } from "@modx/errors";
import type { Calibration, ClassMaxima, Manifest, Pack, Traffic } from "@modx/pack";
import type { PromptLabel } from "../prompts/prompt-file.ts";
import { lacksTails } from "./feature-tails.ts";
import type { StatedClass } from "./set-thresholds.ts";

/** A class of traffic that a pack was calibrated on, with the response maxima of it. */
export interface EarlierClass {
  calibration: Calibration;
  measured: ClassMaxima;
}

/** The prompts that give responses of each class. */
const PROMPTS: Record<Traffic, PromptLabel> = { benign: "benign", refused: "harmful", sensitive: "sensitive" };

/** What of a pack says what it was calibrated on. */
interface Measured extends Pick<Pack, "maxima"> {
  manifest: Pick<Manifest, "detectors">;
}

/** All that a pack was calibrated on. What stands for a list whose features were not measured yet counts for nothing: its scores change. */
export function earlierClasses({ manifest, maxima }: Measured): EarlierClass[] {
  const lasting = manifest.detectors.filter((spec) => !lacksTails(spec));
  return lasting.flatMap(({ name, calibrations }) =>
    calibrations.flatMap((calibration) => {
      const { identity, traffic } = calibration;
      const measured = maxima.find(
        (one) => one.detector === name && one.identity === identity && one.traffic === traffic,
      );
      return measured === undefined ? [] : [{ calibration, measured }];
    }),
  );
}

/**
 * Before `prompts` are answered: throws MODX_USAGE where a class of which there are none was calibrated for another length. Thresholds of
 * answers of different lengths are no promise for either, and without the prompts the earlier one would be lost.
 */
export function checkLengths(
  earlier: readonly EarlierClass[],
  prompts: Readonly<Record<PromptLabel, readonly unknown[]>>,
  length: number,
): void {
  const lost = earlier.find(
    ({ calibration }) => calibration.length !== length && prompts[PROMPTS[calibration.traffic]].length === 0,
  )?.calibration;
  if (lost === undefined) return;
  throw new ModxError("MODX_USAGE", {
    what: `The pack is calibrated on ${lost.traffic} responses of up to ${lost.length} tokens, which do not go with others of up to ${length}.`,
    remedy: `Calibrate with -n ${lost.length}, or give ${PROMPTS[lost.traffic]} prompts too, so that all classes are measured anew.`,
  });
}

/** Of earlier classes those that stay beside what was measured now, each with the promise that it was given, and those that do not. */
export function keptBeside(
  earlier: readonly EarlierClass[],
  measured: readonly ClassMaxima[],
  length: number,
): { kept: StatedClass[]; remarks: string[] } {
  const again = new Set(measured.map(({ detector, traffic }) => `${detector}/${traffic}`));
  const others = earlier.filter(({ measured: { detector, traffic } }) => !again.has(`${detector}/${traffic}`));
  const [stay, go] = [
    others.filter((one) => one.calibration.length === length),
    others.filter((one) => one.calibration.length !== length),
  ];
  return {
    kept: stay.map(({ calibration: { farStated, confidence = null }, measured: one }) => ({
      ...one,
      stated: { rate: farStated, confidence },
    })),
    remarks: [
      ...stay.map(
        ({ measured: { detector, traffic, maxima } }) =>
          `${detector}: what ${maxima.length} ${traffic} responses promised before is kept`,
      ),
      ...go.map(
        ({ calibration, measured: { detector, traffic } }) =>
          `${detector}: the calibration on ${traffic} responses of up to ${calibration.length} tokens is dropped, as no new ones came of it`,
      ),
    ],
  };
}
