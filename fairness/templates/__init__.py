"""Regulations and guidelines as data: each template is a file, and a new one is a file too.

`load_template` reads one by its name or its path, `apply_template` answers it from a count table,
`apply_to_counts` from counts that somebody else made. A report says what was counted and what it
does not establish; it holds no certificate, and nothing in it is legal advice.

A template is TOML (see the files in this package)::

    format = 1                       # of the file; has to be there
    title = "…"                      # has to be there, and so has source
    source = "…"                     # where the text of the regulation is
    status = "our reading, not legal advice"
    limits = ["…"]                   # what a report after it does not establish
    blanks = ["…"]                   # what has to be filled in by hand
    unknown = ["unknown", "n/a"]     # groups that mean "not known", besides missing values

    [attributes]                     # kinds of attributes, with the names of their columns;
    "sex" = ["sex", "gender"]        # only letters and digits count, in any case

    [[table]]                        # any number of them
    kind = "impact_ratio"            # rate of each group over the highest
    caption = "…"
    attributes = ["sex"]             # kinds; several are crossed
    rate = "selection_rate"          # or "scoring_rate": share with a score above the median
    baseline = "highest"
    flag_below = "4/5"               # or 0.8: what is strictly below is flagged; leave it out
    flag_name = "four fifths"        # for no flags. flag_name is the threshold in words
    minimum_share = 0.02             # smaller groups are listed without a ratio
    significance = "fisher"          # or "z"; leave it out for neither test nor interval
    alpha = 0.05                     # level of the test
    show_unknown = true              # whether groups that are not known are listed
    round = { rate = 3, ratio = 2 }  # decimals; not beside flag_below
    notes = ["…"]

    [[evidence]]                     # any number of them
    article = "10(2)(f)"
    requirement = "…"
    where = "disparities"            # part of the audit, or "not covered"

Parts of an audit: data.representation, data.base_rates, missingness, proxies, by_group,
intersections, disparities, calibration, sensitivity, settings. A key that is not known, and a
value of another type, are errors that say what can stand there.
"""

from fairness.templates.applying import apply_template, apply_to_counts
from fairness.templates.reading import load_template, parse_template, template_names
from fairness.templates.values import Template, TemplateReport

__all__ = [
    "Template",
    "TemplateReport",
    "apply_template",
    "apply_to_counts",
    "load_template",
    "parse_template",
    "template_names",
]
