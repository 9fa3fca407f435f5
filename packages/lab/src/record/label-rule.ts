/**
 * Version of the rule that labels recorded answers (`labelAnswer`). It changes whenever an answer may get another label than before, so
 * that a recording with labels of an older rule is not taken for one of this rule.
 */
export const LABEL_RULE = 1;
