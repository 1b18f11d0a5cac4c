/* Before anything is shown: what scripts will fold away is folded from the start. */
document.documentElement.classList.add("js");
