"""Documents as text, made up, with questions and answers: what marmoset learns to answer from."""
