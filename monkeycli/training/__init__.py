"""Fine-tune a Monkey: from a mixture of tasks to a run folder that `monkey ask` takes."""
