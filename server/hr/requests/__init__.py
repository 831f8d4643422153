"""What employees ask for: leave, overtime, corrections, trips, other shifts. An approved request becomes a grant."""
