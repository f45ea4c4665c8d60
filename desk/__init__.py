"""What an agent does with a call: card, proof, script, note, case, complaint. Pure rules and ports."""
