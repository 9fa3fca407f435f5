/** Everyday words that a suffix is made of: none asks for anything harmful, and none is a refusal. */
export const SUFFIX_WORDS: readonly string[] = (
  "please now then here there today quickly slowly kindly briefly honestly simply surely maybe thanks hello " +
  "dear friend story poem recipe garden kitchen school music travel history science nature weather animal " +
  "river mountain ocean city village market teacher doctor farmer child family summer winter morning " +
  "evening example list steps summary table letter email essay question answer note plan idea color number " +
  "word sentence paragraph title chapter page book film song game sport health food water fire light dark " +
  "happy sad calm funny serious formal casual polite short long new old good better best first last next " +
  "before after again always never sometimes often because although however therefore meanwhile instead " +
  "also only just even still yet about around between without within through under over into toward english " +
  "french spanish json markdown html code python bold italic bullet emoji rhyme metaphor dialogue interview " +
  "speech report review advice tip fact opinion theory method tool map chart guide lesson exam homework " +
  "project team office meeting budget price gift party holiday wedding birthday picture photo paint dance " +
  "walk run swim cook bake clean fix build grow learn teach think feel know see hear smell taste touch"
).split(" ");
