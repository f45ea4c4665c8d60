"""What supervisors, planners and managers look at: facts, intervals, formulas, schedules, plans, reports."""
